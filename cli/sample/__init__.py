"""An invented office: letters, people, pages and the faults of scanning."""
