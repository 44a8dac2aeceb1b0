"""The Python API: what the commands do, for programs and notebooks.

Every setting goes by its name in the family's settings class, with its default and range from there; a wrong value
raises the `GenmodelsError` that the command shows. Nothing is written to stdout. Progress and notes go to stderr:

* ``progress``: True shows it, False does not, None shows a bar on a terminal and in a notebook.
* ``notice``: is handed each sentence that the user should know, instead of stderr.
* ``reporter``: is told everything of a training (`genmodels.training.reporting.Reporter`), instead of both.
* ``report``: a training writes its run's page, report.html in the run's folder, after each epoch.

Of several processes that torchrun has started the first alone is told.
"""
