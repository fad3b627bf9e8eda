#!/usr/bin/env python3
"""Prints what Simpul vans send, one JSON line a record. Needs python3-paho-mqtt, python3-cbor2 and
python3-zstandard of Debian 12. Usage: subscriber.py HOST PORT"""
import hashlib, json, sys, uuid
import cbor2, zstandard, paho.mqtt.client as mqtt

def say(**line): print(json.dumps(line), flush=True)

def require(good, why):
    if not good:
        raise ValueError(why)

def samples(coded):
    """One lead: zigzag LEB128 of the first sample and then of the differences."""
    values, last, z, shift = [], 0, 0, 0
    for byte in coded:
        z, shift = z | (byte & 127) << shift, shift + 7
        if byte < 128:
            last += z >> 1 if z % 2 == 0 else -(z + 1 >> 1)
            values.append(last)
            z = shift = 0
    return values

def take_chunk(objects, van, sha256, offset, total, body):
    chunks = objects.setdefault((van, sha256), {})
    chunks[offset] = body
    if sum(map(len, chunks.values())) == total:
        whole = b"".join(chunks[offset] for offset in sorted(chunks))
        good = hashlib.sha256(whole).digest() == sha256
        say(van=van, object=sha256.hex(), bytes=total, verified=good)
        del objects[van, sha256]

def on_message(client, known, message):
    header_bytes, body, signature = cbor2.loads(message.payload)
    header = cbor2.loads(header_bytes)
    require(header[1] == 1, "another version of the format")
    van, stream = header[2], header[4]
    require(message.topic == f"simpul/v1/{van}/up/{stream}", "not the stream of this topic")
    if header[8] != 2:
        body = zstandard.ZstdDecompressor().decompress(body, max_output_size=header[10])
    require(hashlib.sha256(body).digest()[:16] == header[9], "another digest")
    identity = (header[3], stream, header[5])
    if identity in known["seen"]: return  # at least once: a packet may come again
    known["seen"].add(identity)
    if header[8] == 2: return take_chunk(known["objects"], van, *header[16], body)
    for record in cbor2.loads(body):
        if header[8] == 3:  # packed: see waveform-codec.md
            coded = record[4] if isinstance(record, list) else record["coded"]
            record = {"kind": "packed", "bytes": sum(map(len, coded))}
        elif record["kind"] == "waveform":
            leads = [samples(lead) for lead in record.pop("samples")]
            record.update(samples=len(leads[0]), first=[lead[:5] for lead in leads])
        say(van=van, stream=stream, epoch=str(uuid.UUID(bytes=header[3])), seq=header[5], record=record)

client = mqtt.Client(userdata={"seen": set(), "objects": {}})
client.on_connect = lambda client, *_: client.subscribe("simpul/v1/+/up/#", qos=1)
client.on_message = on_message
client.connect(sys.argv[1], int(sys.argv[2]))
client.loop_forever()
