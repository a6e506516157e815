"""CocoMine in the browser: `streamlit run app.py`.

Streamlit imports this file once, and serves the `app` it finds; each run of a session carries the file out as a script.
"""

from starlette.middleware import Middleware
from streamlit.starlette import App

from cocomine.server.descriptors import session_limit
from cocomine.server.downloads import download_routes
from cocomine.server.guard import Guard
from cocomine.server.preparing import PREPARATION, Waiting
from cocomine.ui.failing import show_failure
from cocomine.ui.starting import admission, opening, wait_for_other_pages

if __name__ == "__main__":
    import streamlit as st

    from cocomine.errors import CocomineError
    from cocomine.ui.check.exclusions import exclusions_trouble
    from cocomine.ui.data.opening import drop_zone
    from cocomine.ui.navigation import ICON, LOGO, PAGES, STYLE, open_view, page_path, scheme_style, selection_strip
    from cocomine.ui.session import state
    from cocomine.ui.session.decisions import show_pending_toast
    from cocomine.wording import plain

    st.set_page_config(page_icon=str(ICON), layout="wide")  # or the browser fetches a page's icon from afar
    st.logo(str(LOGO), size="large", icon_image=str(ICON))
    st.html(STYLE)
    st.html(scheme_style())
    state.restore_from_url()
    page = st.navigation(
        [
            st.Page(page_path(name), title=title, icon=icon, help=help_text, default=name == "data")
            for name, (title, icon, help_text) in PAGES.items()
        ],
        position="top",
    )
    st.set_page_config(page_title=f"{page.title} · CocoMine")
    view = open_view()
    state.write_to_url()
    drop_zone()
    selection_strip(view)
    exclusions_trouble()
    show_pending_toast()
    try:
        if page.url_path:  # that of the first page is empty
            wait_for_other_pages()
        page.run()
    except CocomineError as error:
        st.error(plain(str(error)), icon=":material/error:")
    finally:
        PREPARATION.note_run()
else:
    admitted = admission()
    app = App(
        __file__,
        routes=download_routes(),
        middleware=[
            Middleware(Guard, admission=admitted, session_limit=session_limit()),
            Middleware(Waiting, preparation=PREPARATION),
        ],
        lifespan=opening(admitted),
        on_script_error=show_failure,
    )
