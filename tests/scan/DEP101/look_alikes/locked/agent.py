import rich
import some_framework
