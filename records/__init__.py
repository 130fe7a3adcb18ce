"""The system of record: petitions, people, files, users, rights, audit, and the work to do."""
