import json


def run(arguments):
    return json.loads(arguments)


def kept(job):
    return json.loads(job.arguments)
