"""fastapi-users with its DatabaseStrategy on PostgreSQL: which user is this token's?

As its documentation sets it up, with a pool that is kept. At the start it makes one user and one
token, through its own code, and writes the token to the file that PEER_TOKEN_FILE names.
"""

import contextlib
import os
import pathlib
import uuid

from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin
from fastapi_users.authentication import AuthenticationBackend, BearerTransport
from fastapi_users.authentication.strategy.db import DatabaseStrategy
from fastapi_users_db_sqlalchemy import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from fastapi_users_db_sqlalchemy.access_token import (
    SQLAlchemyAccessTokenDatabase,
    SQLAlchemyBaseAccessTokenTableUUID,
)
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    pass


class AccessToken(SQLAlchemyBaseAccessTokenTableUUID, Base):
    pass


class UserManager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    pass


engine = create_async_engine(os.environ["PEER_DATABASE"], pool_size=8, max_overflow=0)
new_session = async_sessionmaker(engine, expire_on_commit=False)


async def session():
    async with new_session() as one:
        yield one


async def user_manager(one=Depends(session)):
    yield UserManager(SQLAlchemyUserDatabase(one, User))


def strategy(one=Depends(session)):
    return DatabaseStrategy(SQLAlchemyAccessTokenDatabase(one, AccessToken), lifetime_seconds=3600)


backend = AuthenticationBackend("bearer", BearerTransport(tokenUrl="login"), strategy)
current_user = FastAPIUsers[User, uuid.UUID](user_manager, [backend]).current_user(active=True)


@contextlib.asynccontextmanager
async def lifespan(_):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with new_session() as one:
        user = User(email="user@example.com", hashed_password="none")
        one.add(user)
        await one.commit()
        token = await strategy(one).write_token(user)
    pathlib.Path(os.environ["PEER_TOKEN_FILE"]).write_text(token)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/me")
async def me(user=Depends(current_user)):
    return {"allowed": True, "user_id": str(user.id)}
