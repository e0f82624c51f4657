// tus-js-client against a running grid-platform. From the environment: GRID_TUS_URL, GRID_TUS_GRANTS (two devices, one a
// line) and GRID_TUS_BLOBS (where finished attachments lie). Last line: N passed, N failed.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { DefaultHttpStack, Upload } from 'tus-js-client';

const URL_OF_PLATFORM = process.env.GRID_TUS_URL;
const [GRANT, OTHER_GRANT] = process.env.GRID_TUS_GRANTS.trim().split('\n');
const BLOBS = process.env.GRID_TUS_BLOBS;
const PIECE = 64 * 1024;

const digest = (bytes, algorithm = 'sha256') => createHash(algorithm).update(bytes).digest();
const hex = (bytes) => digest(bytes).toString('hex');
const blob = (bytes) => join(BLOBS, hex(bytes).slice(0, 2), hex(bytes));

/** What every upload of this file says, and `more`. */
const options = (bytes, more = {}) => ({
  endpoint: `${URL_OF_PLATFORM}/v1/uploads`,
  chunkSize: PIECE,
  retryDelays: null,
  metadata: { sha256: hex(bytes), mime: 'image/jpeg' },
  headers: { Authorization: `Grid ${GRANT}` },
  ...more,
});

/** Uploads to the end; answers the upload and every answer that came, in order. */
function uploaded(bytes, more = {}) {
  const answers = [];
  return new Promise((resolve, reject) => {
    const upload = new Upload(
      bytes,
      options(bytes, {
        ...more,
        onAfterResponse: (request, response) => {
          const sent = request.getHeader('Upload-Offset');
          answers.push({ method: request.getMethod(), sent, status: response.getStatus(), response });
        },
        onSuccess: () => resolve({ upload, answers }),
        onError: reject,
      }),
    );
    upload.start();
  });
}

/** Uploads until this many bytes are accepted and breaks off there; answers the upload. */
function brokenOff(bytes, after) {
  return new Promise((resolve, reject) => {
    const upload = new Upload(
      bytes,
      options(bytes, {
        onChunkComplete: (_, accepted) => {
          if (accepted >= after) upload.abort().then(() => resolve(upload), reject);
        },
        onError: reject,
      }),
    );
    upload.start();
  });
}

/** The status of the answer that made this fail. */
async function refused(promise) {
  const error = await promise.then(() => assert.fail('it was not refused'), (error) => error);
  assert.ok(error.originalResponse, String(error));
  return error.originalResponse.getStatus();
}

/** Where an upload stands, asked without the client. */
async function standing(url) {
  const answer = await fetch(url, {
    method: 'HEAD',
    headers: { 'Tus-Resumable': '1.0.0', Authorization: `Grid ${GRANT}` },
  });
  return { status: answer.status, offset: answer.headers.get('upload-offset') };
}

/** The client has no checksums of its own; its HTTP stack may be replaced, so that each body is sent with one. */
class ChecksumStack extends DefaultHttpStack {
  constructor(checksum) {
    super();
    this.checksum = checksum;
  }

  createRequest(method, url) {
    const request = super.createRequest(method, url);
    const send = request.send.bind(request);
    request.send = (body) => {
      if (method === 'PATCH') request.setHeader('Upload-Checksum', this.checksum(body));
      return send(body);
    };
    return request;
  }
}

const checksum = (algorithm) => (body) => `${algorithm} ${digest(body, algorithm).toString('base64')}`;

/** Hands everything on to the platform, and cuts the first connection that sends more than `after` bytes. */
async function cuttingProxy(after) {
  const platform = new URL(URL_OF_PLATFORM);
  let cut = false;
  const server = net.createServer((from) => {
    const to = net.connect(Number(platform.port), platform.hostname);
    const end = () => {
      from.destroy();
      to.destroy();
    };
    let sent = 0;
    from.on('data', (bytes) => {
      sent += bytes.length;
      const last = !cut && sent > after;
      cut ||= last;
      to.write(bytes, () => last && end());
    });
    to.on('data', (bytes) => from.write(bytes));
    for (const socket of [from, to]) socket.on('error', end).on('close', end);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, wasCut: () => cut, close: () => server.close() };
}

const cases = {
  async 'a file in pieces lies under its hash'() {
    const file = randomBytes(700_000);
    const { answers } = await uploaded(file);
    assert.ok(answers.filter(({ method }) => method === 'PATCH').length > 10);
    assert.equal(hex(readFileSync(blob(file))), hex(file));
  },

  async 'what was broken off goes on from where it stood'() {
    const file = randomBytes(700_000);
    const first = await brokenOff(file, 3 * PIECE);
    assert.ok(!existsSync(blob(file)));
    const stands = Number((await standing(first.url)).offset);
    assert.ok(stands >= 3 * PIECE, `${stands}`);
    const { answers } = await uploaded(file, { uploadUrl: first.url });
    assert.deepEqual(answers.slice(0, 2).map(({ method, sent }) => [method, sent]), [
      ['HEAD', undefined],
      ['PATCH', `${stands}`],
    ]);
    assert.equal(hex(readFileSync(blob(file))), hex(file));
  },

  async 'a connection cut in the middle of a request costs only what had not arrived'() {
    const file = randomBytes(4_000_000);
    const proxy = await cuttingProxy(2_500_000);
    const endpoint = `${proxy.url}/v1/uploads`;
    const { answers } = await uploaded(file, { endpoint, chunkSize: Infinity, retryDelays: [0, 100, 500] });
    proxy.close();
    assert.ok(proxy.wasCut());
    const last = answers.at(-1);
    assert.equal(last.method, 'PATCH');
    assert.ok(Number(last.sent) > 0 && Number(last.sent) < file.length, `it went on at ${last.sent}`);
    assert.equal(hex(readFileSync(blob(file))), hex(file));
  },

  async 'each request with its checksum, sha256 and sha1'() {
    for (const algorithm of ['sha256', 'sha1']) {
      const file = randomBytes(300_000);
      await uploaded(file, { httpStack: new ChecksumStack(checksum(algorithm)) });
      assert.equal(hex(readFileSync(blob(file))), hex(file), algorithm);
    }
  },

  async 'a wrong checksum leaves nothing, an unknown one is not taken'() {
    const file = randomBytes(300_000);
    const { url } = await brokenOff(file, PIECE);
    const before = await standing(url);
    const wrong = new ChecksumStack(() => checksum('sha256')(Buffer.from('other')));
    assert.equal(await refused(uploaded(file, { uploadUrl: url, httpStack: wrong })), 460);
    assert.deepEqual(await standing(url), before);
    const unknown = new ChecksumStack(checksum('md5'));
    assert.equal(await refused(uploaded(file, { uploadUrl: url, httpStack: unknown })), 400);
    assert.deepEqual(await standing(url), before);
    await uploaded(file, { uploadUrl: url, httpStack: new ChecksumStack(checksum('sha256')) });
    assert.equal(hex(readFileSync(blob(file))), hex(file));
  },

  async 'an upload that its device ended is gone and may begin again'() {
    const file = randomBytes(300_000);
    const upload = await brokenOff(file, PIECE);
    const { url } = upload;
    await upload.abort(true);
    assert.deepEqual(await standing(url), { status: 410, offset: null });
    // The client finds the upload gone and begins a new one by itself.
    const { answers } = await uploaded(file, { uploadUrl: url });
    assert.deepEqual(answers.slice(0, 2).map(({ method, status }) => [method, status]), [
      ['HEAD', 410],
      ['POST', 201],
    ]);
    assert.equal(hex(readFileSync(blob(file))), hex(file));
  },

  async 'nobody ends what is somebody else\'s, nobody\'s or finished'() {
    const file = randomBytes(300_000);
    const { url } = await brokenOff(file, PIECE);
    const before = await standing(url);
    const as = (grant) => ({ headers: { Authorization: `Grid ${grant}` }, retryDelays: null });
    assert.equal(await refused(Upload.terminate(url, as(OTHER_GRANT))), 404);
    assert.equal(await refused(Upload.terminate(url, as('x.1.2'))), 401);
    assert.deepEqual(await standing(url), before);
    await uploaded(file, { uploadUrl: url });
    assert.equal(await refused(Upload.terminate(url, as(GRANT))), 409);
    assert.equal(hex(readFileSync(blob(file))), hex(file));
  },

  async 'an unfinished upload says until when it is kept'() {
    const file = randomBytes(2 * PIECE);
    const { answers } = await uploaded(file);
    const until = answers.map(({ response }) => response.getHeader('Upload-Expires'));
    assert.equal(until.length, 3, 'a creation and two pieces');
    for (const date of until.slice(0, 2)) {
      const days = (Date.parse(date) - Date.now()) / 86_400_000;
      assert.ok(days > 29 && days < 31, `${date}`);
    }
    assert.equal(until[2], undefined, 'a finished one has no end');
  },

  async 'who has no grant uploads nothing'() {
    const file = randomBytes(10);
    assert.equal(await refused(uploaded(file, { headers: {} })), 401);
  },
};

let failed = 0;
for (const [name, run] of Object.entries(cases)) {
  try {
    await run();
    console.log(`ok      tus-js-client: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  tus-js-client: ${name}\n${error.stack}`);
  }
}
console.log(`${Object.keys(cases).length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
