from pymongo import MongoClient

VERIFY = True
database = MongoClient("mongodb://db.internal", tlsAllowInvalidCertificates=False)


def answer(http, url, cache, signer):
    cache.get(key=url, verify=False)
    signer.sign(url, verify=False)
    return http.get(url, verify=VERIFY)
