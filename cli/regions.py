"""`petitions region`: the office's own regions, which everybody may name."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import HomeOption, JsonOption, answer, answer_json, globals_of, opened

app = typer.Typer(help="Regions of the office.", no_args_is_help=True, rich_markup_mode=None)


@app.command("add")
def add(
    context: typer.Context,
    code: str,
    name: Annotated[str | None, typer.Option(help="Without: the code.")] = None,
    parent: Annotated[
        str | None, typer.Option(help="Code of the region above; without: the whole office.")
    ] = None,
    alias: Annotated[
        list[str] | None, typer.Option(help="Another name that letters use; may stand repeatedly.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Declare a region: everybody may name it, and texts are searched for it.

    Also one that letters named before: until then only those who may find such a letter know it.
    """
    from records import audit
    from records.regions import add_region
    from search.scopes import SHELL

    with opened(globals_of(context, home)) as archive, archive.database.write() as session:
        added = add_region(session, code, name or code, parent, alias or ())
        audit.write(session, SHELL, "region.add", added.code)
    answer(f"{'/'.join(added.path)} is declared")


@app.command("list")
def list_(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Every region, those above first; which ones only letters named."""
    given = globals_of(context, home, as_json)
    from records.regions import all_regions

    with opened(given) as archive, archive.database.read() as session:
        regions = all_regions(session)
    if given.as_json:
        answer_json(
            [
                {
                    "code": one.code,
                    "name": one.name,
                    "parent": one.parent,
                    "aliases": list(one.aliases),
                    "learned": one.learned,
                }
                for one in regions
            ]
        )
        return
    for one in regions:
        told = "  named by letters alone" if one.learned else ""
        answer(f"{'/'.join(one.path)}  {one.name}{told}")
