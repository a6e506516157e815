"""One module per command, each with its options and what it does; `cocomine.cli.parser` imports the one that is run."""
