// Asks mailauth (npm, strict) about DMARC. One JSON object a line on standard input: {from, spf, dkim, zone},
// where zone is {name: {type: values} | "SERVFAIL"}; one on standard output: {result, policy, domain}.
// MAILAUTH names the folder that holds node_modules.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(`${process.env.MAILAUTH}/`);
const { dmarc } = require('mailauth/lib/dmarc');

const failure = code => Object.assign(new Error(code), { code });

const resolverFor = zone => async (name, type) => {
    const types = zone[name.toLowerCase()];
    if (types === 'SERVFAIL') throw failure('ESERVFAIL');
    if (types && types[type]) return types[type];
    const below = Object.keys(zone).some(other => other.endsWith(`.${name.toLowerCase()}`));
    throw failure(types || below ? 'ENODATA' : 'ENOTFOUND');
};

for await (const line of createInterface({ input: process.stdin })) {
    const { from, spf, dkim, zone } = JSON.parse(line);
    const found = await dmarc({
        headerFrom: [`someone@${from}`],
        spfDomains: spf.map(domain => ({ domain })),
        dkimDomains: dkim.map(domain => ({ domain })),
        resolver: resolverFor(zone),
        strict: true
    });
    console.log(JSON.stringify({ result: found.status?.result, policy: found.policy, domain: found.domain }));
}
