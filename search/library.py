"""The only reading door. Every method takes the asker's `Scope` first; none has a default.

`Library(database, engine, originals, …)`, made by `search.bootstrap.open_library(home, settings)`:

    search(scope, request: SearchRequest) -> Answer
    petition(scope, petition_id: str, question: str = "") -> VisiblePetition
    page_image(scope, petition_id: str, number: int) -> PageImage
    page_words(scope, petition_id: str, number: int, question: str) -> PageWords
    original(scope, petition_id: str, number: int = 1) -> OriginalFile
    ready() -> bool
    close() -> None

Unknown and forbidden are the same `NotFound`; a mistake in a question is a `QueryError`. Every
search and view writes an audit entry in the transaction that reads; when that fails, nothing is
answered.
"""
