"""The generated server, answering with example data: what ``specloom serve`` runs.

``cache`` keeps what is generated, ``package`` imports it, ``answers`` gives it handlers (with values from ``values``, which
reads schemas by ``facts``), ``app`` puts them together, ``run`` serves that.
"""
