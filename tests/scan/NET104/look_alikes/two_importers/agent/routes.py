import litellm

from agent.answers import answer


def is_known(model):
    return model in litellm.model_list and answer
