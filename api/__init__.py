"""The HTTP API and the web pages. `api.caller` is the only place that says who is asking."""
