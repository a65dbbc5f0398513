from agents import function_tool


@function_tool
def delete(name: str):
    if input(f"delete {name}? ") != "y":  # FOUND
        return "kept"
    return "deleted"
