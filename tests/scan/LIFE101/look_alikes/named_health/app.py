import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route


async def health_check(request):
    return Response("the server is there")


async def answer(request):
    return Response("42")


app = Starlette(routes=[Route("/", endpoint=health_check), Route("/agent", endpoint=answer, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0")
