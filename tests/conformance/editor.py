"""Drives `onramp lsp` with the client of pygls, and prints what comes back as JSON.

Usage: editor.py ONRAMP REPO
"""

import asyncio
import json
import pathlib
import sys

from lsprotocol import types
from pygls.lsp.client import LanguageClient


async def main(onramp, repo):
    client = LanguageClient("conformance", "1")
    published = asyncio.Queue()

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def _(params):
        published.put_nowait(params)

    await client.start_io(onramp, "lsp")
    uri = (repo / "onboarding/payments/metadata.yaml").as_uri()
    text = (repo / "onboarding/payments/metadata.yaml").read_text()
    started = await client.initialize_async(
        types.InitializeParams(capabilities=types.ClientCapabilities(), root_uri=repo.as_uri())
    )
    client.initialized(types.InitializedParams())
    out = {"encoding": str(started.capabilities.position_encoding)}

    async def findings():
        params = await asyncio.wait_for(published.get(), 60)
        assert params.uri == uri, params.uri
        found = [[one.code, one.range.start.line, one.range.start.character] for one in params.diagnostics]
        return {"version": params.version, "found": found}

    document = types.TextDocumentItem(uri=uri, language_id="yaml", version=1, text=text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=document))
    out["opened"] = await findings()
    start = text.index("standard")
    line = text[:start].count("\n")
    column = start - text.rindex("\n", 0, start) - 1
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            text_document=types.VersionedTextDocumentIdentifier(uri=uri, version=2),
            content_changes=[
                types.TextDocumentContentChangePartial(
                    range=types.Range(types.Position(line, column), types.Position(line, column + 8)), text="huge"
                )
            ],
        )
    )
    out["changed"] = await findings()
    identifier = types.TextDocumentIdentifier(uri=uri)
    at = types.Position(line, column)
    hover = await client.text_document_hover_async(types.HoverParams(identifier, at))
    out["hover"] = hover.contents.value
    items = await client.text_document_completion_async(types.CompletionParams(identifier, at))
    out["completion"] = [item.label for item in items]
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(identifier, types.Range(at, at), types.CodeActionContext(diagnostics=[]))
    )
    out["actions"] = [action.title for action in actions]
    places = await client.text_document_definition_async(
        types.DefinitionParams(identifier, types.Position(text[: text.index("image:")].count("\n"), 1))
    )
    out["definition"] = [place.uri.rsplit("payments/", 1)[1] for place in places]
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(identifier))
    out["symbols"] = [symbol.name for symbol in symbols]
    await client.shutdown_async(None)
    client.exit(None)
    out["code"] = await client._server.wait()
    print(json.dumps(out))


asyncio.run(main(sys.argv[1], pathlib.Path(sys.argv[2])))
