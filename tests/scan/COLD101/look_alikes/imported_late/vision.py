import torch

import vision_models


def look(picture):
    return torch.float16, vision_models, picture
