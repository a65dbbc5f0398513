"""Which functions hold the event loop that requests share."""

from __future__ import annotations

import pytest
from tests.scan.reading import modules

APP = "from fastapi import FastAPI\napp = FastAPI()\n@app.post('/a')\n"
FLASK = "import shop\nfrom flask import Flask\napp = Flask('a')\n@app.get('/a')\n"
FOUND = "def find():\n    pass"
FOUND_BY_AND_BY = "def find():\n    yield 1"
FOUND_LATER = "async def find():\n    pass"


def held_by(files: dict[str, str], function: str) -> str | None:
    """The `async def` in whose loop a function runs."""
    module = next(iter(modules(files).values()))
    found = module.project.in_loop(function)
    return None if found is None else found[0]


@pytest.mark.parametrize(
    "files",
    [
        {"app.py": f"import shop\n{APP}async def answer():\n    shop.find()", "shop.py": FOUND},
        {
            "app.py": f"import shop\n{APP}async def answer():\n    list(shop.find())",
            "shop.py": FOUND_BY_AND_BY,
        },
        {
            "app.py": f"import shop\n{APP}async def answer():\n    shop.Shop.find()",
            "shop.py": "class Shop:\n    @staticmethod\n    def find():\n        pass\nfind = Shop.find",
        },
    ],
)
def test_what_a_handler_calls_in_another_file_holds_the_loop(files: dict[str, str]) -> None:
    assert "app.answer" in (held_by(files, "shop.find"), held_by(files, "shop.Shop.find"))


@pytest.mark.parametrize(
    "files",
    [
        {"app.py": f"import shop\n{APP}def answer():\n    shop.find()", "shop.py": FOUND},
        {
            "app.py": f"import shop\n{APP}async def answer():\n    return shop.find()",
            "shop.py": FOUND_BY_AND_BY,
        },
        {"app.py": f"import shop\n{APP}async def answer():\n    run(shop.find)", "shop.py": FOUND},
        {
            "app.py": f"import shop\n{APP}async def answer():\n    run(lambda: shop.find())",
            "shop.py": FOUND,
        },
        {"app.py": "import shop\nasync def answer():\n    shop.find()", "shop.py": FOUND},
        {
            "app.py": f"import asyncio, shop\n{APP}def answer():\n    asyncio.run(shop.find())",
            "shop.py": FOUND_LATER,
        },
        {
            "app.py": f"{FLASK}async def answer():\n    await shop.find()",
            "shop.py": FOUND_LATER,
        },
    ],
)
def test_what_another_thread_or_a_loop_of_one_request_runs_does_not(files: dict[str, str]) -> None:
    assert held_by(files, "shop.find") is None
