// Stands in for DNS: `node --require redirect.js` leads every TLS connection to $OPENVOD_TLS (`host:port`).
// The name that was asked for is kept, in the handshake and in the Host header. On a machine of one's own that is a
// line in /etc/hosts, and port 443. What to trust is said by NODE_EXTRA_CA_CERTS.
"use strict";
const tls = require("tls");

const [host, port] = process.env.OPENVOD_TLS.split(":");
const connect = tls.connect;
tls.connect = (options, ...rest) =>
    connect({ ...options, host, port: Number(port), servername: options.servername || options.host }, ...rest);
