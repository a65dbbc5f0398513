from anthropic import Anthropic

client = Anthropic(timeout=10)


class Agent:
    def ask(self, messages):
        return client.messages.create(model="m", max_tokens=100, messages=messages)

    def run(self, messages, call):
        while True:  # FOUND
            message = self.ask(messages)
            self.tokens = len(messages)
            if message.stop_reason != "tool_use" or len(message.content) > 1:
                return message
            messages.append(call(message))


def answer(messages, call):
    message = client.messages.create(model="m", max_tokens=100, messages=messages)
    while message.stop_reason == "tool_use":  # FOUND
        messages.append(call(message))
        message = client.messages.create(model="m", max_tokens=100, messages=messages)
    return message


class Recursive:
    def complete(self, messages, call):  # FOUND
        response = client.messages.create(model="m", max_tokens=1000, messages=messages)
        if response.stop_reason == "tool_use":
            messages.append({"role": "user", "content": call(response)})
            return self.complete(messages, call)
        return response
