// node main.mjs http://127.0.0.1:4000/graphql
import { http } from './http.mjs';
import { socket } from './socket.mjs';
import { sse } from './sse.mjs';

const url = process.argv[2];
const passed = [await http(url), await sse(url), await socket(url)];
process.exit(passed.every(Boolean) ? 0 : 1);
