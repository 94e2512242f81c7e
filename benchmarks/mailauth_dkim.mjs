// Asks mailauth (npm, strict) about DKIM. One JSON object a line on standard input: {message, record, others, now},
// the message in base64, the key record of every name, or those by name; one on standard output: the results of its
// signatures from top to bottom. MAILAUTH names the folder that holds node_modules.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(`${process.env.MAILAUTH}/`);
const { dkimVerify } = require('mailauth/lib/dkim/verify');

for await (const line of createInterface({ input: process.stdin })) {
    const { message, record, others, now } = JSON.parse(line);
    const found = await dkimVerify(Buffer.from(message, 'base64'), {
        resolver: async name => {
            const found = Object.keys(others).length ? others[name] : record;
            if (!found) throw Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' });
            return [[found]];
        },
        curTime: new Date(now * 1000),
        strict: true
    }).catch(error => ({ results: [{ status: { result: `error: ${error.message}` } }] }));
    console.log(JSON.stringify(found.results.map(one => [one.status?.result, one.status?.comment || '', one.signature || ''])));
}
