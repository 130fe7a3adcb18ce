"""An invented petition office: its places, people, letters and files. Nothing here is real."""
