def version(name):
    import pkg_resources  # FOUND

    return pkg_resources.get_distribution(name).version
