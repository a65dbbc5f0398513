from setuptools import setup


def read(name):
    with open(name) as file:
        return file.read()


setup(long_description=read("README.md"))
