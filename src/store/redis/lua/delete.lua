-- KEYS: life, feed, index, expiries, entry. ARGV: now, key, most changes.
local old = read(KEYS[5])
if not old or expires(old) <= ARGV[1] then
    return 0
end
-- Removes first: a script that has written may go on where the server is full.
redis.call('DEL', KEYS[5])
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('ZREM', KEYS[4], ARGV[2])
announce(ARGV[3], 'd', ARGV[2])
return 1
