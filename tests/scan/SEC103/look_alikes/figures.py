from app.charts import charts


def figure(code, table):
    return charts.get_plotly_figure(code, table)
