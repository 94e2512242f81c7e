// Asks mailauth (npm, strict) about SPF. One JSON object a line on standard input: {ip, sender, helo, zone}, where zone
// is {name: entries} as in the openspf suite; one on standard output: {result, comment}.
// MAILAUTH names the folder that holds node_modules.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(`${process.env.MAILAUTH}/`);
const { spf } = require('mailauth/lib/spf');

const failure = code => Object.assign(new Error(code), { code });
const value = { MX: ([priority, exchange]) => ({ priority, exchange }), TXT: text => [text].flat() };

// The same answers as SuiteZone in tests/standards/test_spf.py gives.
const answer = (zone, name, type, aliases = 0) => {
    const entries = zone[name.toLowerCase().replace(/\.$/, '')];
    if (!entries) throw failure('ENOTFOUND');
    const of = wanted => entries.filter(entry => entry[wanted] !== undefined && entry !== 'TIMEOUT').map(entry => entry[wanted]);
    let found = of(type);
    if (type === 'TXT' && !found.length) found = of('SPF');
    found = found.filter(one => one !== 'NONE').map(value[type] || (one => one));
    if (found.length) return found;
    if (entries.includes('TIMEOUT')) throw failure('ETIMEOUT');
    const [alias] = of('CNAME');
    if (!alias) throw failure('ENODATA');
    if (aliases > 8) throw failure('ETIMEOUT');
    return answer(zone, alias, type, aliases + 1);
};

for await (const line of createInterface({ input: process.stdin })) {
    const { ip, sender, helo, zone } = JSON.parse(line);
    let said;
    try {
        const found = await spf({ ip, sender, helo, mta: 'unknown', resolver: async (name, type) => answer(zone, name, type), strict: true });
        said = { result: found.status.result, comment: found.status.comment || '' };
    } catch (err) {
        said = { result: 'crash', comment: err.message };
    }
    console.log(JSON.stringify(said));
}
