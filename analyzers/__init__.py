"""Text to tokens, spans, dates, places, personal data and categories.

Pure: no database, no network, no files but the data shipped inside this package.
"""
