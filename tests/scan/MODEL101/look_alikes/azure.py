from openai import AzureOpenAI
from people import Person

client = AzureOpenAI()
person = Person(id="gpt-6-luna")


def answer(query):
    return client.responses.create(model="gpt-6-luna", input=query)
