"""Tasks of the tests' own."""

from running_tasks import tasks_folder, wait_for

__all__ = ["tasks_folder", "wait_for"]
