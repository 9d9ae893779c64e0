"""The rules of ``storage.audit``, one module per kind of promise; each is fed rows, in order."""
