def cell(name):
    try:
        return name[0]
    except IndexError as error:
        print(f"no cell: {error}")  # FOUND
        return None
