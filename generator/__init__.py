"""OpenAPI documents in; models, server stubs and clients out; and a check that keeps them in step.

Read it from ``cli`` down: ``cli`` -> ``pipeline`` -> one module for each stage.
``docs/architecture.md`` has the table of stages and what each may import.
"""
