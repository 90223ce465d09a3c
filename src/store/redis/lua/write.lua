-- KEYS: life, feed, index, expiries, entry.
-- ARGV: now, expected version or '', expires, value, time to live or '', key, most changes.
local old = read(KEYS[5])
local live = old and expires(old) > ARGV[1]
if ARGV[2] == '' then
    if live then
        return { 0, old }
    end
elseif not live then
    return { 0 }
elseif string.sub(old, 1, 20) ~= ARGV[2] then
    return { 0, old }
end
local version = announce(ARGV[7], 'w', ARGV[6])
local entry = string.format('%020.0f', tonumber(version)) .. ARGV[3] .. ARGV[4]
redis.call('ZADD', KEYS[3], 0, ARGV[6])
if ARGV[5] == '' then
    redis.call('SET', KEYS[5], entry)
    redis.call('ZREM', KEYS[4], ARGV[6])
else
    redis.call('SET', KEYS[5], entry, 'PX', ARGV[5])
    redis.call('ZADD', KEYS[4], ARGV[3], ARGV[6])
end
return { 1, version, redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', over(ARGV[1]), 'LIMIT', 0, 32) }
