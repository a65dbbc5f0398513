import json

with open("data/products.json") as file:
    products = json.load(file)
with open("data/names.json", "w") as file:
    json.dump([each["name"] for each in products], file)
