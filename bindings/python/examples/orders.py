"""A service with one guarded route, in FastAPI.

pip install bearerd fastapi uvicorn
python orders.py

Prints a token and the line to paste.
"""

from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI

import bearerd
from bearerd.fastapi import Bearer

verifier = bearerd.Verifier(
    {
        "profiles": {
            "api": {
                "algorithms": ["HS256"],
                # Of an example, and public: `bearerd keygen --alg HS256` makes one.
                "keys": [{"secret": "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1"}],
                "sign": {"access": "15m"},
            }
        }
    }
)
app = FastAPI()
bearer = Bearer(verifier)
bearer.install(app)
reader = bearer.require(scopes="read:orders")


@app.get("/orders")
async def orders(claims: Annotated[bearerd.Claims, Depends(reader)]) -> dict[str, Any]:
    return {"for": claims["sub"], "orders": []}


if __name__ == "__main__":
    token = verifier.sign({"sub": "ada", "scope": ["read:orders"]})
    print(f"curl -H 'Authorization: Bearer {token}' http://127.0.0.1:8000/orders")
    uvicorn.run(app)
