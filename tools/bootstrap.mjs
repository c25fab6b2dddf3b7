// The door of every npm script: node tools/bootstrap.mjs start | test | test:long | check | bench | package | slimscope
// It needs nothing but Node: what is missing is installed first. Plain old syntax, so that an old Node gets the sentence below.
const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error('Slimscope needs Node 20 or newer; this is Node ' + process.versions.node + '.');
  process.exit(2);
}

import('./tasks.mjs')
  .then((tasks) => tasks.runTask(process.argv[2], process.argv.slice(3)))
  .then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      console.error(process.env.SLIMSCOPE_DEBUG ? error : error.message);
      process.exit(2);
    },
  );
