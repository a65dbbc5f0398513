import pytest
import respx
