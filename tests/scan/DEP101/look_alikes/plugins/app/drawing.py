def draw(text):
    import graphviz

    return graphviz.Source(text)
