'use strict';

const native = require('./native');
const { BearerError, codes } = require('./error');
const { Guard } = require('./guard');
const { Options } = require('./options');
const { Verifier } = require('./verifier');

module.exports = { Verifier, BearerError, Guard, Options, codes, version: native.libraryVersion };
