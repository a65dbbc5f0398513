def has_drawing():
    try:
        import graphviz
    except ImportError:
        return False
    return graphviz is not None
