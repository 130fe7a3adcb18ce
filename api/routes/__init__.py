"""The JSON routes under `/api`."""
