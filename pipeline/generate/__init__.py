"""Every file that repeats what another file says: `python -m pipeline.generate [--check]`.

Here belongs what is derived from contracts, configuration models and KPI files; nothing is decided here, and no run
of the pipeline needs it. What the words mean stays with whom they are taken from.
"""

COMMAND = "python -m pipeline.generate"
