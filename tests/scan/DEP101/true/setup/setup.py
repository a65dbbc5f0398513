from setuptools import find_packages, setup

setup(name="agent", packages=find_packages(), install_requires=["fastapi"])
