"""An SMTP server with TLS and AUTH, on aiosmtpd: mails become lines of JSON on standard output.

smtpd.py MODE CERT KEY [REFUSE]      MODE: starttls, tls, plain
The first line is the port. Who says nemd@example.com and hunter2 may send. REFUSE is a reply to each mail.
"""
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import AuthResult, SMTP


class Handler:
    async def handle_DATA(self, server, session, envelope):
        if len(sys.argv) > 4:
            return sys.argv[4]
        print(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "data": envelope.content.decode("utf-8"),
            "tls": session.ssl is not None or mode == "tls",
            "user": (session.auth_data or b"").decode(),
        }), flush=True)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == b"nemd@example.com" and data.password == b"hunter2"
    return AuthResult(success=right, handled=right, auth_data=data.login if right else None,
                      message=None if right else "535 5.7.8 no")


mode, cert, key = sys.argv[1:4]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(cert, key)


def protocol():
    secure = {"tls_context": context, "require_starttls": True} if mode == "starttls" else {}
    auth = {} if mode == "plain" else {
        "authenticator": authenticate, "auth_required": True, "auth_require_tls": mode == "starttls"}
    return SMTP(Handler(), hostname="localhost", **secure, **auth)


async def serve():
    server = await asyncio.get_running_loop().create_server(
        protocol, "127.0.0.1", 0, ssl=context if mode == "tls" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(80)


asyncio.run(serve())
