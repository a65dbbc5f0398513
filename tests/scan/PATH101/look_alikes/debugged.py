from pathlib import Path


def compare(one, other, *, debug=False):
    if debug:
        Path("compared.html").write_text(f"{one} {other}")
    return one == other
