from langchain_core.tools import tool


@tool
def delete(path: str):
    """Delete a file, if the person says so."""
    print(f"delete {path}?")
    return input("yes or no? ")


@tool
def write(parts: list[str]):
    """Show a text as it comes."""
    for part in parts:
        print(part, end="", flush=True)
