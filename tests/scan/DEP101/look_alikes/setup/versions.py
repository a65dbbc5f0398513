def version(name):
    import pkg_resources

    return pkg_resources.get_distribution(name).version
