// Runs the suite's WebAssembly under node: `node run.mjs convnet-isa.wasm [argument]`. Ends as the program does; a panic is
// printed and ends it with a trap.
import { readFileSync } from "node:fs";

const [file, argument = ""] = process.argv.slice(2);

const host = {
    argument(to, capacity) {
        const bytes = new Uint8Array(program.memory.buffer, to, capacity);
        return new TextEncoder().encodeInto(argument, bytes).written;
    },
    print(line, length) {
        console.log(new TextDecoder().decode(new Uint8Array(program.memory.buffer, line, length)));
    },
};

const module = new WebAssembly.Module(readFileSync(file));
const program = new WebAssembly.Instance(module, { host }).exports;
process.exitCode = program.main(0, 0);
