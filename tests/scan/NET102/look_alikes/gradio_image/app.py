import gradio

page = gradio.Interface(fn=str.upper, inputs="text", outputs="text")
page.launch()
