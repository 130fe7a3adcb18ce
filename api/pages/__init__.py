"""The web pages: rendered on the server, usable without JavaScript, no outside calls."""
